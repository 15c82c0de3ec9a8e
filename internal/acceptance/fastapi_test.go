package acceptance

import "testing"

// fastAPI makes an image of a real FastAPI application under uvicorn, with the
// Python and the packages of this machine. It starts by its own command, and
// by `uv run uvicorn main:app`.
func fastAPI(t *testing.T) string {
	t.Helper()
	return pythonImage(t, unique(t)+":latest", []string{
		"--file", "../fastapi/app.py=app/app.py", "--file", "../fastapi/app.py=app/main.py", "--file", "../fastapi/uv.py=usr/bin/uv",
		"fastapi", "uvicorn.lifespan.on", "uvicorn.loops.asyncio", "uvicorn.protocols.http.h11_impl",
	}, "WORKDIR /app", "EXPOSE 8000",
		`CMD ["python3", "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--loop", "asyncio", "--http", "h11", "--ws", "none"]`)
}
