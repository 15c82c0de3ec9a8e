package plans

import "plan/plans/diag"

// Evaluator computes what a plan says of results that are known only while it
// runs. Package lang has one for each plan that it reads.
type Evaluator interface {
	// Resolve returns a stage as it is to be run, with everything in it that the
	// results so far decide. The error is a *MissingValue when an earlier stage
	// found nothing that this one needs, and a diag.List when what was found does
	// not make a stage.
	// At is what a search varies; nil: the least of each dimension, the first value of
	// each setting.
	Resolve(address string, k Known, at *Point) (Stage, error)
	// Outputs returns the plan's outputs, in the order of the file. What a stage
	// that has run did not give is null there; a value that is null, or cannot be
	// made of null, or is not known is nil.
	Outputs(k Known) ([]Output, diag.List)
	// Assert evaluates the assertions of a stage on a trial: numbers by the names
	// of trial's members; one that is nil or absent is not known. It returns those
	// that are false.
	Assert(address string, k Known, trial map[string]any) ([]AssertFailure, diag.List)
}

// Evaluate sets what computes the results of Resolve, Outputs and Assert.
func (p *Plan) Evaluate(e Evaluator) { p.evaluator = e }

// Resolve is that of the plan's Evaluator.
func (p *Plan) Resolve(address string, k Known) (Stage, error) {
	return p.evaluator.Resolve(address, k, nil)
}

// ResolveAt is the same for a trial of a search, at what it varies.
func (p *Plan) ResolveAt(address string, k Known, at Point) (Stage, error) {
	return p.evaluator.Resolve(address, k, &at)
}

// Outputs are those of the plan's Evaluator.
func (p *Plan) Outputs(k Known) ([]Output, diag.List) { return p.evaluator.Outputs(k) }

// Assert is that of the plan's Evaluator.
func (p *Plan) Assert(address string, k Known, trial map[string]any) ([]AssertFailure, diag.List) {
	return p.evaluator.Assert(address, k, trial)
}
