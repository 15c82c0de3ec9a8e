#!/usr/bin/python3
"""Stands in for uv in an image that has all its packages: uv run MODULE ARGUMENTS..."""

import os
import sys

os.execv("/usr/bin/python3", ["python3", "-m", *sys.argv[2:], "--ws", "none"])
