package runner

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
)

// images makes sure of every image that the run needs, pushes what is to be
// pushed, and pins each reference to its id: all trials run the same image,
// also where somebody builds or pulls another one of that name meanwhile.
func (s *run) images(ctx context.Context) error {
	s.pins = map[string]string{}
	for _, image := range s.Plan.Images {
		if err := s.image(ctx, image); err != nil {
			return err
		}
	}
	for _, reference := range plainImages(s.Plan.Stages) {
		if _, sure := s.pins[reference]; sure {
			continue
		}
		ready, err := s.Runtime.Image(ctx, reference, containers.PullMissing, s.advance)
		if err != nil {
			return err
		}
		s.pins[reference] = ready.ID
	}
	return nil
}

// pinned is the id that a reference had when the run began; the reference
// itself where it is one.
func (s *run) pinned(reference string) string { return cmp.Or(s.pins[reference], reference) }

// image makes ready what a block declares.
func (s *run) image(ctx context.Context, image plans.Image) error {
	ready, err := s.Runtime.Image(ctx, image.Source, containers.Pull(image.Pull), s.advance)
	if err == nil && image.Push {
		ready, err = s.push(ctx, image)
	}
	if err != nil {
		return err
	}
	s.pins[image.Source] = ready.ID
	s.known.Images[image.Address] = plans.ImageResult{Digest: ready.Digest, Size: ready.Size, Run: ready.ID}
	line := journal.Image{Address: image.Address, Name: image.Name, Pushed: image.Push}
	if ready.Digest != "" {
		line.Digest = &ready.Digest
	}
	return s.append(journal.Line{Type: journal.ImageLine, Image: &line})
}

// push pushes an image, and says how far that had to go.
func (s *run) push(ctx context.Context, image plans.Image) (Pushed, error) {
	pushing := "pushing " + image.Name
	s.doing(pushing)
	how := ""
	pushed, err := s.Runtime.Push(ctx, image.Source, image.Name, func(text string) {
		if far, is := strings.CutPrefix(text, pushing+": "); is {
			how = " (" + far + ")"
		}
		s.advance(text)
	})
	if err == nil {
		s.Observer.Note(fmt.Sprintf("pushed %s%s: %s", image.Name, how, pushed.Digest))
	}
	return pushed, err
}

// plainImages are the references that stages name without a block, each as
// often as it is named.
func plainImages(stages []plans.Stage) []string {
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
