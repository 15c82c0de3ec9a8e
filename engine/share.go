package engine

// A load can be divided over several agents. Each of them gets the whole load
// and the number of its share. User n belongs to agent n modulo Agents, and so
// do arrival n and row n of a feed: together the agents send what one of them
// would send alone, at the same times, with the same random numbers.

// Share returns the share of an agent, from 0.
func (l Load) Share(agent int) Load {
	l.Agent = agent
	return l
}

// Divided reports whether other agents send parts of the load too.
func (l Load) Divided() bool { return l.Agents > 1 }

// OwnUsers returns the number of users of the load's share: all users, unless
// the load is divided. No share has more users than that of agent 0.
func (l Load) OwnUsers() int {
	of := l.shares()
	return (l.Users - 1 - l.Agent + of) / of
}

// shares returns the number of shares, at least 1.
func (l Load) shares() int { return max(1, l.Agents) }

// owns reports whether the n-th user belongs to the load's share.
func (l Load) owns(n int) bool { return n%l.shares() == l.Agent }
