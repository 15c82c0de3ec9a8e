package runner

import (
	"context"
	"fmt"
	"strings"

	"plan/containers"
	"plan/plans"
	"plan/runner/journal"
)

// images pulls every image that the run needs, pushes those with push, and pins each
// reference to its id: all trials run the same image, also where somebody builds
// or pulls another one of that name meanwhile.
func (e *environment) images(ctx context.Context, plan *plans.Plan) error {
	e.pins = map[string]string{}
	platform, has := e.platform.(Images)
	if !has { // its nodes pull them
		for _, image := range plan.Images {
			e.record.Known.Images[image.Address] = plans.ImageResult{Run: image.Source}
		}
		return nil
	}
	for _, image := range plan.Images {
		if err := e.image(ctx, platform, image); err != nil {
			return err
		}
	}
	for _, reference := range undeclaredImages(plan.Stages) {
		if _, sure := e.pins[reference]; sure {
			continue
		}
		ready, err := platform.Image(ctx, reference, containers.PullMissing, e.progress.advance)
		if err != nil {
			return err
		}
		e.pins[reference] = ready.ID
	}
	return nil
}

// image prepares the image of one block, and writes its line.
func (e *environment) image(ctx context.Context, platform Images, image plans.Image) error {
	ready, err := platform.Image(ctx, image.Source, containers.Pull(image.Pull), e.progress.advance)
	if err == nil && image.Push {
		ready, err = e.push(ctx, platform, image)
	}
	if err != nil {
		return err
	}
	e.pins[image.Source] = ready.ID
	e.record.Known.Images[image.Address] = plans.ImageResult{Digest: ready.Digest, Size: ready.Size, Run: ready.ID}
	line := journal.Image{Address: image.Address, Name: image.Name, Pushed: image.Push}
	if ready.Digest != "" {
		line.Digest = &ready.Digest
	}
	return e.record.Append(journal.Line{Type: journal.ImageLine, Image: &line})
}

// push pushes an image, and notes how much of it had to be sent.
func (e *environment) push(ctx context.Context, platform Images, image plans.Image) (ImageInfo, error) {
	pushing := "pushing " + image.Name
	e.progress.doing(pushing)
	how := ""
	pushed, err := platform.Push(ctx, image.Source, image.Name, func(text string) {
		if far, is := strings.CutPrefix(text, pushing+": "); is {
			how = " (" + far + ")"
		}
		e.progress.advance(text)
	})
	if err == nil {
		e.progress.observer.Note(fmt.Sprintf("pushed %s%s: %s", image.Name, how, pushed.Digest))
	}
	return pushed, err
}

// undeclaredImages returns the references that stages name without a block, with
// duplicates.
func undeclaredImages(stages []plans.Stage) []string {
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
