package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
)

// newRecord makes the record of a call, which others find by its id.
func (d *Daemon) newRecord(asked cluster.Submission, of program) (*record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := ""
	for id == "" || d.records[id] != nil {
		id = strings.ToLower(rand.Text()[:6])
	}
	r := newRecord(id, asked)
	r.program, r.most = of, d.keep
	if !asked.Hidden {
		d.records[id], d.order = r, append(d.order, id)
	}
	return r, nil
}

// record returns the call with an id.
func (d *Daemon) record(id string) (*record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.records[id]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("the cluster keeps no call %q; History lists those that it keeps", id)
}

// run runs the items of some spans of a call.
func (d *Daemon) run(p *pool, r *record, spans [][2]int) {
	d.begin(p, r, func(ctx context.Context) error {
		errs := make([]error, len(spans))
		var parts sync.WaitGroup
		for i, span := range spans {
			parts.Go(func() { errs[i] = p.run(ctx, r, span[0], span[1]) })
		}
		parts.Wait()
		return errors.Join(errs...)
	})
}

// begin runs a call in a goroutine of its own.
func (d *Daemon) begin(p *pool, r *record, run func(context.Context) error) {
	ctx, stop := context.WithCancelCause(d.ctx)
	r.mu.Lock()
	r.stop, r.end = stop, nil
	r.mu.Unlock()
	keep := func() {}
	if !r.asked.Hidden {
		keep = func() { r.write(d.path(r.id)) }
	}
	late := time.AfterFunc(keepAfter, keep)
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	began := time.Now()
	d.group.Go(func() {
		err := run(ctx)
		end := &cluster.End{}
		if err != nil {
			end.Error, end.Cancelled = err.Error(), errors.Is(context.Cause(ctx), errCancelled)
		}
		interrupted := d.ctx.Err() != nil
		stop(nil)
		r.mu.Lock()
		end.Report = r.report
		r.elapsed += time.Since(began)
		r.mu.Unlock()
		late.Stop()
		if interrupted {
			keep()
			r.interrupt()
		} else {
			r.finish(end)
		}
		p.mu.Lock()
		p.calls--
		p.mu.Unlock()
		d.relax(p)
		d.trim(r)
	})
}

// resume runs again what failed, or did not arrive, of a call that has ended.
func (d *Daemon) resume(p *pool, r *record) error {
	if p.program.hello.Build != r.program.hello.Build {
		return fmt.Errorf("the call %s is one of another build of %s, so that its function and its items may have changed", r.id, r.program.name())
	}
	r.mu.Lock()
	running := r.end == nil
	r.mu.Unlock()
	if running {
		return nil
	}
	spans := r.missing()
	if len(spans) == 0 {
		return nil
	}
	if err := r.goOn(); err != nil {
		return err
	}
	d.run(p, r, spans)
	return nil
}

// history lists the calls that are kept.
func (d *Daemon) history() (list []backend.Record) {
	d.mu.Lock()
	records := make([]*record, 0, len(d.order))
	for _, id := range d.order {
		records = append(records, d.records[id])
	}
	d.mu.Unlock()
	for _, r := range records {
		list = append(list, r.state())
	}
	return list
}

// purge forgets calls that have ended.
func (d *Daemon) purge(ids []string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := len(ids) == 0
	if all {
		ids = slices.Clone(d.order)
	}
	var errs []error
	for _, id := range ids {
		r := d.records[id]
		if r == nil {
			errs = append(errs, fmt.Errorf("the cluster keeps no call %q", id))
			continue
		}
		if r.state().State == "running" {
			if !all {
				errs = append(errs, fmt.Errorf("the call %s still runs; cancel it first", id))
			}
			continue
		}
		r.drop()
		delete(d.records, id)
		d.order = slices.DeleteFunc(d.order, func(o string) bool { return o == id })
	}
	return errors.Join(errs...)
}
