package journal

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"plan/plans"
)

// InputsOf returns the inputs of a run that its plan has: all but images.
func InputsOf(plan *plans.Plan, run string, seed uint64) Inputs {
	inputs := Inputs{Seed: seed, Variables: map[string]Input{}, Files: map[string]Digest{}}
	for _, v := range plan.Variables {
		if v.Sensitive {
			inputs.Variables[v.Name] = Input{Hash: secretHash(run, "var."+v.Name, v.Value)}
		} else {
			inputs.Variables[v.Name] = Input{Value: v.Value}
		}
	}
	for path, sum := range plan.Files {
		inputs.Files[path] = Digest("sha256:" + sum)
	}
	// Files of environment variables may have secrets, and references in them have the
	// values of their service.
	variables := map[string]string{}
	for _, s := range plan.Services {
		for _, f := range s.EnvFiles {
			text, err := json.Marshal(f.Values)
			if err != nil {
				panic(err) // impossible: they are texts
			}
			variables[f.Path] += string(text)
		}
	}
	for path, text := range variables {
		inputs.Files[path] = secretHash(run, "env_file "+path, text)
	}
	return inputs
}

// hashRounds make it slow to find a short secret by its hash: some 30 ms for each
// attempt.
const hashRounds = 100_000

// secretHash returns the hash of a secret, keyed by the run: the hashes of one secret
// in two journals differ.
func secretHash(run, what, value string) Digest {
	key, err := pbkdf2.Key(sha256.New, value, []byte(run+" "+what), hashRounds, sha256.Size)
	if err != nil {
		panic(err) // impossible: it is long enough for FIPS 140
	}
	return Digest("pbkdf2-sha256:" + hex.EncodeToString(key))
}
