plan "future" {
  language = 2
}

servise "api" {}
