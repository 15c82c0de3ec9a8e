variable "tag" {
  description = "What of the image is tested"
}
service "api" {
  image  = "api:${var.tag}"
  expose = ["8000"]
}
check "c" {
  service = service.api
}
