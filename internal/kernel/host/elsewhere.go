package host

import (
	"context"
	"fmt"
	"runtime"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Engines on machines of another architecture get other files than those of this one. The kernel
// process, which compiles, has them made.

// code is what engines on other machines get of this process, as [backend.Code].
type code struct{ *host }

// File returns the file that an engine gets for a path. The kernel process knows what that is for
// another architecture.
func (c code) File(path, arch string) (string, error) {
	switch {
	case arch != runtime.GOARCH:
		return c.madeFor(context.Background(), arch, path)
	case !c.loader.serves(path):
		return "", backend.ErrNoCode
	}
	return path, nil
}

// Program returns this program for another architecture.
func (c code) Program(ctx context.Context, arch string) (string, error) {
	return c.madeFor(ctx, arch, "")
}

// madeFor asks the kernel process for a file, or the program where path is empty.
func (c code) madeFor(ctx context.Context, arch, path string) (string, error) {
	m, err := c.call(ctx, &message{Kind: kindFile, Name: arch, Text: path})
	if err != nil {
		return "", err
	}
	return m.Text, nil
}

// file finds or makes a file for engines of another architecture, until the process ends.
func (p *Process) file(m *message) {
	answer := &message{Kind: kindAnswer, Call: m.Call}
	if p.fileFor == nil {
		answer.Error = fmt.Sprintf("there is no code for %s", m.Name)
		p.answer(answer)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-p.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	path, err := p.fileFor(ctx, m.Name, m.Text)
	if err != nil {
		answer.Error = err.Error()
	}
	answer.Text = path
	p.answer(answer)
}
