// Package images makes the images of a run available, pushes those with push, and pins
// each reference to its id: all trials run the same image, also where somebody builds or
// pulls another one of that name meanwhile.
package images

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"plan/containers"
	"plan/internal/units"
	"plan/plans"
	"plan/runner/journal"
	"plan/runner/record"
)

// Engine pulls and pushes images.
type Engine interface {
	// Push tags source, which must be on the engine, as name and pushes it. The
	// digest that it returns is the registry's for that name.
	Push(ctx context.Context, source, name string, progress func(string)) (Image, error)
	// Image makes an image available, by reference or id; pull says when it is
	// pulled from its registry.
	Image(ctx context.Context, reference string, pull containers.Pull, progress func(string)) (Image, error)
}

// Image is one that is ready to run.
type Image struct {
	ID     string
	Digest string // of the registry; "" where it was neither pushed nor pulled
	Size   units.Bytes
}

// Images are those of a run. Their lines and their results are in its record.
type Images struct {
	Engine               Engine // nil of a platform whose nodes pull them
	Record               *record.Record
	Doing, Advance, Note func(string) // for people

	ids map[string]string // by reference
}

// Prepare makes every image available that the plan names, pushes those with push, and
// writes a line for each block.
func (i *Images) Prepare(ctx context.Context, plan *plans.Plan) error {
	i.ids = map[string]string{}
	if i.Engine == nil {
		for _, image := range plan.Images {
			i.Record.Known.Images[image.Address] = plans.ImageResult{Run: image.Source}
		}
		return nil
	}
	for _, image := range plan.Images {
		ready, err := i.Engine.Image(ctx, image.Source, containers.Pull(image.Pull), i.Advance)
		if err == nil && image.Push {
			ready, err = i.push(ctx, image)
		}
		if err != nil {
			return err
		}
		i.ids[image.Source] = ready.ID
		i.Record.Known.Images[image.Address] = plans.ImageResult{Digest: ready.Digest, Size: ready.Size, Run: ready.ID}
		line := journal.Image{Address: image.Address, Name: image.Name, Pushed: image.Push}
		if ready.Digest != "" {
			line.Digest = &ready.Digest
		}
		if err := i.Record.Append(journal.Line{Type: journal.ImageLine, Image: &line}); err != nil {
			return err
		}
	}
	for _, reference := range undeclared(plan.Stages) {
		if _, sure := i.ids[reference]; sure {
			continue
		}
		ready, err := i.Engine.Image(ctx, reference, containers.PullMissing, i.Advance)
		if err != nil {
			return err
		}
		i.ids[reference] = ready.ID
	}
	return nil
}

// push pushes an image, and notes how much of it had to be sent.
func (i *Images) push(ctx context.Context, image plans.Image) (Image, error) {
	pushing := "pushing " + image.Name
	i.Doing(pushing)
	how := ""
	pushed, err := i.Engine.Push(ctx, image.Source, image.Name, func(text string) {
		if far, is := strings.CutPrefix(text, pushing+": "); is {
			how = " (" + far + ")"
		}
		i.Advance(text)
	})
	if err == nil {
		i.Note(fmt.Sprintf("pushed %s%s: %s", image.Name, how, pushed.Digest))
	}
	return pushed, err
}

// undeclared returns the references that stages name without a block, with duplicates.
func undeclared(stages []plans.Stage) []string {
	var references []string
	for _, stage := range stages {
		for _, service := range append([]plans.Service{stage.Service}, stage.Helpers...) {
			if service.ImageOf == "" && service.Image != "" {
				references = append(references, service.Image)
			}
		}
		if stage.Load != nil && stage.Load.Driver != nil {
			references = append(references, stage.Load.Driver.Image)
		}
	}
	return references
}

// Pinned returns the id that a reference had when the run began; the reference itself
// where it is one.
func (i *Images) Pinned(reference string) string { return cmp.Or(i.ids[reference], reference) }

// Digests returns the ids of all images by their references.
func (i *Images) Digests() map[string]journal.Digest {
	all := map[string]journal.Digest{}
	for reference, id := range i.ids {
		all[reference] = journal.Digest(id)
	}
	return all
}
