package sample

// object is a JSON object.
type object map[string]any

// describe returns the OpenAPI document of the service.
func describe(config Config) object {
	return object{
		"openapi": "3.1.0",
		"info":    object{"title": "plan sample", "version": "1"},
		"paths": object{
			config.HealthPath: object{"get": object{"summary": "Ready", "responses": answers("The service is ready", object{"type": "object"})}},
			"/predict": object{"post": object{
				"summary":     "Predict",
				"requestBody": object{"required": true, "content": content(rows("inputs", object{"type": "array", "items": object{"type": "number"}}))},
				"responses":   answers("One number for each row", rows("predictions", object{"type": "integer"})),
			}},
		},
	}
}

func answers(description string, schema object) object {
	return object{"200": object{"description": description, "content": content(schema)}}
}

func content(schema object) object {
	return object{"application/json": object{"schema": schema}}
}

// rows returns the schema of an object with one list.
func rows(name string, item object) object {
	return object{
		"type": "object", "required": []string{name},
		"properties": object{name: object{"type": "array", "items": item}},
	}
}
