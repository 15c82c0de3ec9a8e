# Values for a short demo. Without this file the defaults of the plan apply.
users   = [10, 50, 100, 250, 500]
runtime = "30s"
smoke   = "20s"
