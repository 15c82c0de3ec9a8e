# Attributes that change no plan: they say which one is refused, and in what
# words. TestEveryAttributeIsRead wants other words without each.

plan "refused" {
  language = 1          # or 2
  requires = ">= 0.1.0" # or ">= 9.0.0"
}

variable "tag" {
  description = "Tag of the image that is tested"
}

variable "users" {
  default = 0

  validation {
    condition     = var.users > 0 # or var.users < 1
    error_message = "too few"     # or "nobody asks"
  }
}
