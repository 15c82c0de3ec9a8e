#!/bin/sh
# Ask the model.
export HOST=localhost:8000
$ curl -sS -X POST "http://localhost:8000/predict?top=3" \
  -H 'Content-Type: application/json' \
  -H "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.abcdefgh" \
  -d '{"inputs": [[5.1, 3.5, 1.4, 0.2]], "note": "it'\''s"}' | jq .
curl http://localhost:8000/health
curl http://localhost:8000/health
curl --json '{"a": $N}' "$HOST/predict" -k --proxy http://proxy:3128
