"""Needs what no image has."""

import no_such_module
