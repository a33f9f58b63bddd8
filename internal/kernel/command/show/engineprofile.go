package show

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/google/pprof/profile"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

const (
	// onEngines is what stands below the functions that engines run.
	onEngines = "engines"
	// enginePatience is how long engines may take to begin a profile and to send it. One that is at
	// work for an earlier call does not come to it.
	enginePatience = 2 * time.Second
)

// runsItems are the functions below those of the user in an engine.
var runsItems = regexp.MustCompile(`^runtime\.goexit$|/goparallel/internal/parallel/(engine|registry|guard|poll)\.`)

// engine is the profiler that an engine has for %prun of the notebook; its own %px %prun has another.
var engine profiler

// beginOnEngine and endOnEngine are what engines are asked for.
var (
	beginOnEngine = parallel.Func0Err("goparallel/prun begin", func() ([]byte, error) {
		engine.stop() // what nobody has asked for
		return nil, engine.begin()
	})
	endOnEngine = parallel.Func0Err("goparallel/prun end", func() ([]byte, error) {
		engine.stop()
		return bytes.Clone(engine.data.Bytes()), nil
	})
)

// enginesProfile is that of the engines of all clients that there are when it begins.
type enginesProfile struct {
	views []*parallel.DirectView
}

func (e *enginesProfile) begin() {
	e.views = nil
	for _, client := range hooks.Clients() {
		if rc := client.(*parallel.Client); len(rc.IDs()) > 0 {
			e.views = append(e.views, rc.All())
		}
	}
	e.ask(beginOnEngine)
}

// end adds what the engines' profiles say to that of this process, and says how many there are.
func (e *enginesProfile) end(prof *profile.Profile) (all *profile.Profile, engines int, err error) {
	profiles := []*profile.Profile{prof}
	for _, data := range e.ask(endOnEngine) {
		if len(data) == 0 {
			continue // it did not answer, and that has been said
		}
		p, err := profile.ParseData(data)
		if err != nil {
			return nil, 0, err
		}
		fromEngine(p)
		profiles = append(profiles, p)
	}
	e.views = nil
	if len(profiles) == 1 {
		return prof, 0, nil
	}
	all, err = profile.Merge(profiles)
	return all, len(profiles) - 1, err
}

// ask calls a function on all engines. These calls are not the user's: %explain goes on to mean the one before.
func (e *enginesProfile) ask(f func() ([]byte, error)) (answers [][]byte) {
	if len(e.views) == 0 {
		return nil
	}
	defer hooks.Called(hooks.LastCaller())
	ctx, cancel := context.WithTimeout(context.Background(), enginePatience)
	defer cancel()
	for _, view := range e.views {
		list, err := view.With(ctx).ApplyErrSync(f)
		if err != nil {
			hooks.Warn(fmt.Sprintf("%%prun does not know what all engines do, since one does not answer: %v", err))
		}
		answers = append(answers, list...)
	}
	return answers
}

// fromEngine takes the engine's own functions from the end of each stack, and puts [onEngines] there.
func fromEngine(p *profile.Profile) {
	f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: onEngines}
	root := &profile.Location{ID: uint64(len(p.Location) + 1), Line: []profile.Line{{Function: f}}}
	p.Function, p.Location = append(p.Function, f), append(p.Location, root)
	for _, s := range p.Sample {
		user := len(s.Location)
		for user > 1 && ofEngine(s.Location[user-1]) {
			user--
		}
		s.Location = append(s.Location[:user:user], root)
	}
}

func ofEngine(at *profile.Location) bool {
	for _, line := range at.Line {
		if line.Function == nil || !runsItems.MatchString(line.Function.Name) {
			return false
		}
	}
	return true
}
