package host

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A loader loads the objects of modules, whose initialisation announces functions
// and variables. It initialises the packages that come with them, and that happens
// once: a package whose initialisation did not end well is half initialised for
// good. So such packages and modules are refused.
type loader struct {
	objects *objects
	// panics lists the values of the calling goroutine's panics, the latest first.
	panics func(each func(value any, recovered, same bool))

	mu     sync.Mutex
	ready  map[string]bool   // packages that are initialised, and modules that are loaded
	failed map[string]string // packages and modules that are not, and why
	dirs   map[string]bool   // where the files of modules are
}

func newLoader(rt Runtime) *loader {
	return &loader{objects: &objects{newLoader: rt.NewLoader}, panics: rt.Panics, ready: make(map[string]bool), failed: make(map[string]string), dirs: make(map[string]bool)}
}

// load makes a module part of this process, unless it is. A panic of an
// initialisation goes through it.
func (l *loader) load(m registry.Module) error {
	begun, err := l.begin(m)
	if err != nil || begun == nil {
		return err
	}
	ended := false
	defer func() { l.end(begun, ended) }()
	registry.AddModule(m)
	if err := l.objects.load(m); err != nil {
		ended = true
		return fmt.Errorf("the compiled cell %s cannot be loaded: %w", m.ID, err)
	}
	ended = true
	return nil
}

// begin returns what a module brings into the process, itself as the first; nil if
// it is there. The error says what of it is refused.
func (l *loader) begin(m registry.Module) (begun []string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ready[m.ID] {
		return nil, nil
	}
	l.dirs[filepath.Dir(m.Path)] = true
	for _, path := range m.Packages {
		if why, ok := l.failed[path]; ok {
			return nil, fmt.Errorf("the package %s cannot be used: its initialisation %s; %%restart begins anew", path, why)
		}
		if !l.ready[path] {
			begun = append(begun, path)
		}
	}
	if why, ok := l.failed[m.ID]; ok {
		return nil, fmt.Errorf("what this cell needs could not be loaded: an initialisation %s; %%restart begins anew", why)
	}
	begun = append([]string{m.ID}, begun...)
	for _, name := range begun {
		l.failed[name] = "has not ended"
	}
	return begun, nil
}

// end notes how it went.
func (l *loader) end(begun []string, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range begun {
		delete(l.failed, name)
		l.ready[name] = ended
	}
	if ended {
		return
	}
	why := "called runtime.Goexit"
	l.panics(func(value any, _, _ bool) {
		if why == "called runtime.Goexit" {
			why = "panicked: " + panicText(value)
		}
	})
	l.failed[begun[0]] = why
	if path := traceback.Initialising(); slices.Contains(begun, path) {
		l.failed[path] = why
	}
}

// onEngine loads a module in an engine, where a panic of an initialisation is an
// error, and so is the end of its goroutine.
func (l *loader) onEngine(_ context.Context, m registry.Module) (err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = fmt.Errorf("an initialisation called runtime.Goexit")
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("an initialisation panicked: %s", panicText(v))
			}
		}()
		err = l.load(m)
	}()
	<-done
	return err
}
