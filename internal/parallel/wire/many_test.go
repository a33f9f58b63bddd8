package wire

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

var manyEngines = flag.String("engines", "256", "how many `engines` connect at once, or several such numbers, divided by commas")

// TestManyEnginesConnectAtOnce, as when an array of jobs begins: all are let in, and a large message reaches
// each. Figures are printed with -v.
func TestManyEnginesConnectAtOnce(t *testing.T) {
	for number := range strings.SplitSeq(*manyEngines, ",") {
		engines, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(number, func(t *testing.T) { connectAtOnce(t, engines) })
	}
}

func connectAtOnce(t *testing.T, engines int) {
	l, a := listenTLS(t)
	var group sync.WaitGroup
	controllers, others := make([]*Link, engines), make([]*Link, engines)
	credentials, secrets := make([]*Credentials, engines), make([]Secret, engines)
	arrivals := make([]<-chan Arrival, engines)
	begin := time.Now()
	for i := range engines {
		var err error
		if credentials[i], err = a.Issue(fmt.Sprintf("engine-%d", i)); err != nil {
			t.Fatal(err)
		}
		secrets[i] = NewSecret()
		var cancel func()
		arrivals[i], cancel = l.Expect(secrets[i], Build{1})
		defer cancel()
	}
	t.Logf("%d certificates: %v", engines, time.Since(begin))
	begin = time.Now()
	for i := range engines {
		group.Go(func() {
			var err error
			if others[i], err = Dial(context.Background(), l.Address(), secrets[i], Build{1}, credentials[i]); err != nil {
				t.Error(i, err)
			}
		})
	}
	group.Wait()
	for i := range engines {
		select {
		case arrival := <-arrivals[i]:
			if controllers[i] = arrival.Link; controllers[i] == nil {
				t.Fatal(i, arrival.Err)
			}
			defer controllers[i].Close()
			defer others[i].Close()
		case <-time.After(30 * time.Second):
			t.Fatal("engine", i, "did not arrive")
		}
	}
	t.Logf("%d engines connected: %v", engines, time.Since(begin))
	begin = time.Now()
	data := numbered(1 << 20)
	for i := range engines {
		group.Go(func() {
			controllers[i].Send(&Message{Envelope: Envelope{Kind: Frame}, Blocks: []*memory.Block{memory.Of(data)}})
			controllers[i].Flush()
		})
		group.Go(func() {
			m, err := others[i].Recv()
			if err != nil || m.Blocks[0].Len() != len(data) {
				t.Error(i, err)
			}
		})
	}
	group.Wait()
	t.Logf("1 MB to each: %v", time.Since(begin))
	begin = time.Now()
	for i := range engines { // each echoes
		group.Go(func() {
			for range 50 {
				m, err := others[i].Recv()
				if err != nil {
					t.Error(err)
					return
				}
				others[i].Send(&Message{Envelope: m.Envelope})
				others[i].Flush()
			}
		})
		group.Go(func() {
			for range 50 {
				controllers[i].Send(&Message{Envelope: Envelope{Kind: Frame}})
				controllers[i].Flush()
				if _, err := controllers[i].Recv(); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d round trips: %v", 50*engines, time.Since(begin))
}

// TestPeersWaitForTheirTurn: one that comes while as many as may be are being let in is answered afterwards.
func TestPeersWaitForTheirTurn(t *testing.T) {
	l, a := listenTLS(t)
	for range maxTurns {
		l.turns <- struct{}{}
	}
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	dialled := make(chan error, 1)
	go func() {
		link, err := Dial(context.Background(), l.Address(), secret, Build{1}, issue(t, a))
		if err == nil {
			defer link.Close()
		}
		dialled <- err
	}()
	for atDoor := false; !atDoor; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		atDoor = len(l.known) > 0
		l.mu.Unlock()
	}
	select {
	case err := <-dialled:
		t.Error("it did not wait:", err)
	case <-arrived:
		t.Error("it was let in out of turn")
	case <-time.After(50 * time.Millisecond):
	}
	for range maxTurns {
		<-l.turns
	}
	if err := <-dialled; err != nil {
		t.Error(err)
	}
	if here := <-arrived; here.Link == nil {
		t.Error(here.Err)
	} else {
		here.Link.Close()
	}
}
