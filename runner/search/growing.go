package search

import "slices"

// grow returns a load that grows, where one narrows the bracket.
func (u Users) grow(windows []Window, grown int) UsersStep {
	if grown == 0 {
		if u.From == u.To {
			return UsersStep{}
		}
		return UsersStep{Grow: u.doubling(u.From), Why: "a load that doubles its users until a threshold is broken"}
	}
	held := 0
	for _, w := range windows {
		if !w.Broken {
			held = max(held, w.Users)
		}
	}
	if held == 0 {
		return UsersStep{}
	}
	knee, last := Knee(windows), windows[len(windows)-1]
	end := last.Users
	if !last.Broken {
		if knee == 0 {
			return UsersStep{}
		}
		end = u.beyond(knee)
	}
	if end-held <= fewSteps*u.StepAt(held) {
		return UsersStep{}
	}
	targets := u.narrowing(held, end, knee)
	why := "no more throughput beyond the knee: a load that grows by 10 %"
	if last.Broken {
		targets, why = targets[:len(targets)-1], "a load that grows by 10 % until a threshold is broken"
	}
	return UsersStep{Grow: targets, Why: why}
}

// beyond returns the users up to which a load grows that is saturated from the knee on: twice
// as many show that it is, and those that are asked for have to pass.
func (u Users) beyond(knee int) int { return min(u.To, max(2*knee, u.Least)) }

// doubling returns the windows of a load that doubles its users from so many on.
func (u Users) doubling(from int) []int {
	return windows(from, u.To, func(n int) int { return n })
}

// withHalf returns windows after one with half the users that are held: a new container slows
// down under all of them at once.
func (u Users) withHalf(held int, targets []int) []int {
	if half := held / 2; half >= u.From {
		return slices.Insert(targets, 0, half)
	}
	return targets
}

// narrowing returns windows that grow by a tenth. Up to twice the knee, or where there is
// none, they are so close that three trials halve what is between two of them.
func (u Users) narrowing(from, to, knee int) []int {
	return u.withHalf(from, windows(from, to, func(n int) int {
		if knee > 0 && n >= 2*knee {
			return tenth(n)
		}
		return min(tenth(n), mostSteps*u.StepAt(n))
	}))
}

// Growths returns the windows that the loads of a search may have which grow: those of the
// first load, nil without one, and each that the second one may have.
func (u Users) Growths() (first []int, second [][]int) {
	first = u.Next(nil).Grow
	for i, n := range first {
		if i > 0 {
			second = append(second, u.narrowing(first[i-1], n, 0), u.narrowing(n, max(n, u.beyond(n)), n))
		}
		second = append(second, u.withHalf(n, u.doubling(n)))
	}
	return first, second
}

// windows returns numbers of users that grow by so many more, the last one the end.
func windows(from, to int, more func(n int) int) []int {
	var targets []int
	for n := from; n < to; n += more(n) {
		targets = append(targets, n)
	}
	return append(targets, to)
}

// Stops reports whether a load that grows ends after its windows so far: a threshold
// was broken, or beyond the knee it would grow by more than a tenth.
func Stops(targets []int, windows []Window) bool {
	n := len(windows)
	if n == 0 || n >= len(targets) {
		return false
	}
	return windows[n-1].Broken || Knee(windows) > 0 && targets[n]-targets[n-1] > tenth(targets[n-1])
}

// Knee returns the fewest users of windows that had under 5 % more throughput than one
// with at most half the users; 0 where none had.
func Knee(windows []Window) int {
	knee := 0
	for _, more := range windows {
		for _, fewer := range windows {
			enough := min(more.OK, fewer.OK) >= kneeSample
			if enough && more.Users >= 2*fewer.Users && more.Rate < kneeGain*fewer.Rate && (knee == 0 || more.Users < knee) {
				knee = more.Users
			}
		}
	}
	return knee
}
