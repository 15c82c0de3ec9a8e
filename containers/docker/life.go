package docker

import (
	"context"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	planunits "plan/internal/units"
)

// lifeRole is the role of the container that shows that a run lives.
const lifeRole = "life"

// LifeCommand is the command of this executable that ends with its standard input, and
// does nothing else: an agent would end also while this process is stopped.
const LifeCommand = "life"

const (
	lifeMemory = 64 * planunits.MiB
	lifeEvery  = time.Second // between two attempts to start it
)

// lifeSign is the container that shows that a run lives, from every machine and
// namespace: LifeCommand without a network, whose standard input this process holds.
// It is there also while there is no agent, as when an image is pulled, and it is
// started again where the engine was restarted.
type lifeSign struct {
	stop context.CancelFunc
	idle sync.WaitGroup
}

// ShowLife begins to show that the run lives, until Clean or Close; the container is
// started meanwhile.
func (d *Docker) ShowLife() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.life != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	sign := &lifeSign{stop: stop}
	d.life = sign
	sign.idle.Go(func() {
		for ctx.Err() == nil {
			d.showLife(ctx)
			sleep(ctx, lifeEvery)
		}
	})
}

// showLife starts the container and waits until it ends, or ctx does.
func (d *Docker) showLife(ctx context.Context) {
	// It is there before a service: pages of a layer that both have would be charged to it.
	image, err := d.executable.image(ctx, "plan-life", "life")
	if err != nil {
		return
	}
	host := agentHostConfig([]string{"none"}, 0)
	host.Sysctls = nil
	host.Resources = container.Resources{Memory: int64(lifeMemory), MemorySwap: int64(lifeMemory)}
	shown, err := d.startAgent(ctx, image, []string{"none"}, host, LifeCommand, lifeRole)
	if err != nil {
		return
	}
	select {
	case <-shown.ended:
	case <-ctx.Done():
	}
	_ = shown.Close() // Clean finds what is left
}

// hideLife ends the container. It reports whether there was one.
func (d *Docker) hideLife() bool {
	d.mu.Lock()
	sign := d.life
	d.mu.Unlock()
	if sign == nil {
		return false
	}
	sign.stop()
	sign.idle.Wait()
	return true
}
