package journal

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/mask"
	"plan/plans"
)

// InputsOf returns the inputs of a run that its plan has: all but images.
func InputsOf(plan *plans.Plan, run string, seed uint64) Inputs {
	inputs := Inputs{Seed: seed, Variables: map[string]Input{}, Files: map[string]Digest{}, Loads: map[string]Digest{}}
	secrets := mask.New(plan.Secrets)
	// A short secret is masked only as a whole word, so a hash could be of a text that has it.
	guessable := slices.ContainsFunc(plan.Secrets, func(s string) bool { return s != "" && mask.IsShort(s) })
	for _, s := range plan.Stages {
		if s.Load != nil && !guessable {
			inputs.Loads[s.Address] = loadHash(s, secrets, len(plan.Secrets) > 0)
		}
	}
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

// mostMasked is how many bytes of the bodies and files of a load are masked for its hash.
// Masking 10 MB takes 7 s, and a run does it for each stage before it begins.
const mostMasked = 256 << 10

// loadHash returns the hash of what the load of a stage sends, and when, without its
// secrets. Users of a ramp, agents and images are left out: they are known elsewhere, or
// depend on the machine. With secrets only the number of the rows of feeds counts, and of
// bodies and files beyond mostMasked only the length; each file of a plan has its own hash.
func loadHash(s plans.Stage, secrets *mask.Mask, hasSecrets bool) Digest {
	load := *s.Load
	if s.Kind == plans.Ramp {
		load.Users = 0
	}
	load.Agents = 0
	all := struct {
		Load   engine.Load
		Bodies []string // readable by the mask, unlike those in a request
		Driver plans.Driver
	}{Load: load.Load(load.Users, 0)}
	all.Load.Agents = 0
	if load.Driver != nil {
		all.Driver = *load.Driver
		all.Driver.Image, all.Driver.File = "", ""
	}
	left := mostMasked
	content := func(of []byte) []byte {
		switch {
		case !hasSecrets:
			return of
		case len(of) > left:
			return fmt.Appendf(nil, "%d bytes", len(of))
		}
		left -= len(of)
		return of
	}
	for _, requests := range []*[]exchange.Request{&all.Load.Requests, &all.Load.OnStart} {
		*requests = slices.Clone(*requests)
		for i := range *requests {
			r := &(*requests)[i]
			all.Bodies, r.Body = append(all.Bodies, string(content(r.Body))), nil
		}
	}
	all.Driver.Data, all.Driver.Requirements = content(all.Driver.Data), content(all.Driver.Requirements)
	all.Driver.Files = slices.Clone(all.Driver.Files)
	for i := range all.Driver.Files {
		all.Driver.Files[i].Data = content(all.Driver.Files[i].Data)
	}
	if all.Load.Feeds = slices.Clone(all.Load.Feeds); hasSecrets {
		for i := range all.Load.Feeds {
			all.Load.Feeds[i].Rows = make([][]json.RawMessage, len(all.Load.Feeds[i].Rows))
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // impossible: agents get it as JSON
	}
	sum := sha256.Sum256([]byte(secrets.Text(string(text))))
	return Digest("sha256:" + hex.EncodeToString(sum[:]))
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
