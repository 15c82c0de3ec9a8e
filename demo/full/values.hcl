# For a demo that one can wait for. Without this file the plan's own values hold.
users   = [10, 50, 100, 250, 500]
runtime = "30s"
smoke   = "20s"
