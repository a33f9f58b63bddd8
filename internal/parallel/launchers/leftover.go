package launchers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// What is submitted is written down before, by its name, in the user's folder for what programs remember. A program that is killed
// cancels nothing: its jobs that wait in a queue are found by what it has written.

// Leftover is an array of jobs whose program has ended without cancelling it, or cannot be looked at.
type Leftover struct {
	// System is the batch system, Name the jobs' name there.
	System, Name string
	// Host and Pid are the process that submitted it, Since is when.
	Host  string
	Pid   int
	Since time.Time
	// Began tells the process from a later one of the same number.
	Began string
	// Folder has the jobs' tickets.
	Folder string
	// Command cancels the jobs by their name. It fails with a text that the regular expression None finds where there are none.
	Command []string
	None    string
}

// note writes down an array that is about to be submitted, and returns where.
func note(b Batch, name, folder string) (string, error) {
	if len(b.CancelNamed) == 0 {
		return "", nil
	}
	dir, err := stateFolder()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = trusted(dir)
	}
	if err != nil {
		return "", fmt.Errorf("the folder in which jobs are written down: %w", err)
	}
	l := Leftover{
		System: b.System, Name: name, Pid: os.Getpid(), Since: time.Now(), Began: process.Began(os.Getpid()), Folder: folder,
		Command: replaced(b.CancelNamed, "{name}", name), None: b.None,
	}
	l.Host, _ = os.Hostname() // "" is no host of anybody else either
	text, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name+".json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return "", fmt.Errorf("the folder in which jobs are written down: %w", err)
	}
	return path, nil
}

// Leftovers lists the arrays whose programs have ended without cancelling them. Those of programs on other hosts, of which nobody here
// knows whether they run, are listed apart.
func Leftovers() (left, elsewhere []Leftover, err error) {
	dir, err := stateFolder()
	if err != nil {
		return nil, nil, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err == nil {
		err = trusted(dir)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the folder in which jobs are written down: %w", err)
	}
	here, _ := os.Hostname()
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		var l Leftover
		_, problem := ownedSize(path)
		if problem == nil {
			var text []byte
			if text, problem = os.ReadFile(path); problem == nil {
				problem = json.Unmarshal(text, &l)
			}
		}
		switch {
		case errors.Is(problem, fs.ErrNotExist): // cancelled meanwhile
		case problem == nil && l.Name+".json" != e.Name() || problem == nil && len(l.Command) == 0:
			err = errors.Join(err, fmt.Errorf("%s does not describe a job; remove it", path))
		case problem != nil:
			err = errors.Join(err, fmt.Errorf("%s cannot be read: %w; remove it", path, problem))
		case l.Host != here:
			elsewhere = append(elsewhere, l)
		case process.Began(l.Pid) != l.Began:
			left = append(left, l)
		}
	}
	return left, elsewhere, err
}

// Cancel cancels the jobs and removes their tickets.
func (l Leftover) Cancel(ctx context.Context) error {
	_, err := command(ctx, l.Command, nil)
	var failed *commandError
	if errors.As(err, &failed) && l.None != "" {
		if none, bad := regexp.Compile(l.None); bad == nil && none.MatchString(failed.said) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("the jobs %s of %s are still there: %w", l.Name, l.System, err)
	}
	if filepath.Base(l.Folder) == l.Name { // and no other folder, whatever the file says
		os.RemoveAll(l.Folder)
	}
	dir, err := stateFolder()
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, l.Name+".json")); !errors.Is(err, fs.ErrNotExist) { // or its keeper was quicker
		return err
	}
	return nil
}
