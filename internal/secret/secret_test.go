package secret

import (
	"strings"
	"testing"
)

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"PASSWORD": true, "POSTGRES_PASSWORD": true, "DB_PASS": true, "PGPASSWORD": true, "redis_requirepass": true, "SECRET_KEY": true,
		"HF_TOKEN": true, "AWS_ACCESS_KEY_ID": true, "OPENAI_API_KEY": true, "apiKey": true, "GOOGLE_CREDENTIALS": true, "DB_PWD": true,
		"API_KEYS": true, "TOKENS": true, "AUTH_TOKENS": true, "PASSWORDS": true, "NEO4J_AUTH": true, "BASIC_AUTH": true, "SALT": true,
		"AUTH_BACKEND": false, "AUTH_TYPE": false, "MAX_NEW_TOKENS": false, "OAUTH": false,
		"TOKENIZERS_PARALLELISM": false, "MAX_TOKENS": false, "POSTGRES_PASSWORD_FILE": false, "ACCESS_TOKEN_EXPIRE_MINUTES": false, "TOKEN_URL": false,
		"MONKEY": false, "KEYSPACE": false, "PWD": false, "PORT": false, "": false, "_": false,
	} {
		if got := Name(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	for value, want := range map[string]bool{"s3cr3t": true, "0": true, "": false, "True": false, "no": false} {
		if got := Pair("A_PASSWORD", value); got != want {
			t.Errorf("a password of %q: %v", value, got)
		}
	}
}

func TestSecretTexts(t *testing.T) {
	for text, want := range map[string]bool{
		"postgresql://me:pw@db/x": true, "mysql+pymysql://root:pw@db": true, "redis://:pw@cache:6379/0": true, "https://key@sentry.example.org/4": true,
		"jdbc:postgresql://db/app?user=a&password=b": true, `{"password": "x"}`: true, "--api-key=abc": true, "Authorization: Bearer abcdefgh": true,
		"-----BEGIN RSA PRIVATE KEY-----": true, "--requirepass hunter2": true, "serve ${PASSWORD:-hunter2}": true, "serve ${PASSWORD:-}": false, "serve ${PORT:-80}": false,
		"hf_abcdefghijklmnopqrst": true, "x sk-abcdefghijklmnopqrst": true,
		"https://hooks.slack.com/services/T0/B0/x": true, "--requirepass $PW": false, "sk-learn-random-forest-reg-model": false, "hf_home": false,
		"postgresql://me@db/x": false, "http://mlflow:5000": false, "postgresql://me:$PW@db/x": false, "password=$PW": false, "token=true": false, "a@b:c": false, "": false,
	} {
		if got := Text(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestSecretsInsideCommands(t *testing.T) {
	known := []string{"known-one", "airflow"}
	for text, want := range map[string]string{
		"mc alias set s http://m:9000 me hunter2; mc mb s/x": "hunter2",
		"mc config host add s http://m me 'hunter2' && true": "hunter2",
		"redis-cli -h db -a hunter2 ping":                    "hunter2",
		"serve --db-password hunter2 --port 80":              "hunter2",
		"export TOKEN=hunter2; psql postgres://u:other@db/x": "hunter2 other",
		"psql -W known-one; psql known-one":                  "known-one known-one",
		"echo known-one-more http://known-one/ xknown-one":   "",
		"mc alias set s http://m $USER $PASSWORD":            "",
		"serve --password $PW --token --verbose secret=true": "",
		"redis-cli ping; grep -a text":                       "",
		"mysqladmin ping -h db -u root -phunter2 && true":    "hunter2",
		"mysql -P 3306 --port=3306 -p; cp -proot a":          "",
		"mysql -u root -p$PW":                                "",
		"cypher-shell -u neo4j -p hunter2 'RETURN 1'":        "hunter2",
		"mongosh -u root -phunter2 --eval x; mkdir -p a":     "hunter2",
		"sshpass -p hunter2 ssh x; ssh -p 22 y":              "hunter2",
		"sqlcmd -S db -U sa -P hunter2 -Q x":                 "hunter2",
		"mariadb-admin ping -phunter2":                       "hunter2",
		"mysqladmin ping -u root \"-phunter2\"":              "hunter2",
		"redis-server --requirepass hunter2":                 "hunter2",
		"login --hf hf_abcdefghijklmnopqrst":                 "hf_abcdefghijklmnopqrst",
		"mc alias set m http://m ${U:-me} ${PASSWORD:-def}":  "def",
		"mc alias set m http://m ${U:-known-one} ${P:-me}":   "known-one me",
		"serve --password ${PW:-hunter2} ${PW:-}":            "hunter2",
		"echo PASSWORD=${PASSWORD:-true}":                    "",
		"airflow db migrate && airflow users -p airflow":     "airflow",
		"dsn me:known-one@tcp(db) known-one@example.org":     "known-one",
		"pg_isready -U airflow -d airflow; psql airflow":     "airflow",
		"bash -c 'airflow db init; (airflow web)' airflow":   "airflow",
		"curl -s -u me:hunter2 http://x":                     "hunter2",
		"curl --user=me:$PW http://x; id -u me:x":            "",
		"curl -H 'Authorization: Bearer hunter2hunter2' x":   "hunter2hunter2",
		"curl -H \"Authorization: Bearer $TOKEN\" x":         "",
	} {
		var got []string
		for _, span := range Spans(text, known) {
			got = append(got, text[span[0]:span[1]])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
