// Package cluster is what both ends of a cluster that lives on know: where it is written down, and
// what a program and the cluster's controller say to each other. Package daemon is the
// controller's end, package remote the program's.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/userdir"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Default is the name of a cluster that nobody gave one.
const Default = "default"

// Connection is what is written down of a cluster that runs. Whoever can read it can run code as
// this user, so nobody else may.
type Connection struct {
	Name    string
	Address wire.Address
	// Key lets programs connect.
	Key wire.Secret
	// Pid is the controller's process, Started when it began.
	Pid     int
	Started time.Time
	// Engines is how many each program is given.
	Engines int
	// Version is that of the command that started the cluster.
	Version string
	// Client is whose key this is; "" in the file of the cluster itself.
	Client string `json:",omitempty"`
}

// file is the connection's file in the folder of a cluster.
const file = "connection.json"

var names = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// home is the folder of all clusters.
func home() (string, error) { return userdir.State("clusters") }

// Folder returns the folder of a cluster, which is made if it is not there: it is this user's alone.
func Folder(name string) (string, error) {
	if !names.MatchString(name) {
		return "", fmt.Errorf("%q is no name for a cluster: at most 40 letters, digits, dots, dashes and underscores, of which the first is a letter or a digit", name)
	}
	all, err := home()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(all, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("the cluster %q has no folder: %w", name, err)
	}
	for _, path := range []string{all, folder} {
		if err := userdir.Folder(path); err != nil {
			return "", fmt.Errorf("the folder of the cluster %q is not trusted: %w", name, err)
		}
	}
	return folder, os.Chmod(folder, 0o700)
}

// Write writes down a cluster, in one step.
func (c *Connection) Write() error {
	folder, err := Folder(c.Name)
	if err != nil {
		return err
	}
	if c.Client != "" {
		if folder, err = keyFolder(folder); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(c, "", "\t")
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(folder, file+".*") // of mode 0600
	if err != nil {
		return fmt.Errorf("the cluster %q cannot be written down: %w", c.Name, err)
	}
	_, err = temporary.Write(append(text, '\n'))
	err = errors.Join(err, temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), filepath.Join(folder, c.base()))
	}
	if err != nil {
		os.Remove(temporary.Name())
		return fmt.Errorf("the cluster %q cannot be written down: %w", c.Name, err)
	}
	return nil
}

// Remove takes back what was written down.
func (c *Connection) Remove() {
	if folder, err := Folder(c.Name); err == nil {
		os.Remove(filepath.Join(folder, file))
	}
}

// Missing is the error for a cluster that does not run.
type Missing struct {
	Name string
	// Pid is the controller that has ended without taking back what was written down, or 0.
	Pid int
}

// Error says how to start it.
func (m *Missing) Error() string {
	how := fmt.Sprintf("start it: goparallel cluster start --name %s; goparallel cluster list shows those that run", m.Name)
	if m.Pid != 0 {
		return fmt.Sprintf("the cluster %q does not run: its controller, process %d, has ended. Calls that it had on disk go on when it is started again; %s", m.Name, m.Pid, how)
	}
	return fmt.Sprintf("there is no cluster %q; %s", m.Name, how)
}

// Read reads what is written down of a cluster, or the file of a client's key, which is named by its path. Whether the cluster
// runs shows when somebody connects.
func Read(name string) (*Connection, error) {
	if strings.ContainsRune(name, filepath.Separator) && filepath.Ext(name) == ".json" {
		c, err := read(name)
		if err != nil {
			return nil, fmt.Errorf("the key %s: %w", name, err)
		}
		return c, nil
	}
	if !names.MatchString(name) {
		return nil, fmt.Errorf("%q is no name of a cluster", name)
	}
	all, err := home()
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(all, name)
	path := filepath.Join(folder, file)
	c, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Missing{Name: name}
	}
	if err == nil {
		err = userdir.Folder(folder)
	}
	if err == nil && c.Name != name {
		err = fmt.Errorf("%s cannot be read: it is about the cluster %q", path, c.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("the cluster %q: %w", name, err)
	}
	return c, nil
}

// read reads a file that nobody else may know.
func read(path string) (*Connection, error) {
	info, err := userdir.Owned(path)
	if err != nil {
		return nil, err
	}
	if info.Mode() != 0o600 {
		return nil, fmt.Errorf("%s has the mode %v instead of 0600, so others may know its key; stop the cluster and remove the file", path, info.Mode())
	}
	text, err := os.ReadFile(path)
	c := new(Connection)
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return c, nil
}

// List returns what is written down of all clusters, by name. One that cannot be read is an error
// beside the others.
func List() (list []*Connection, err error) {
	all, err := home()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(all)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		c, problem := Read(entry.Name())
		var missing *Missing
		switch {
		case problem == nil:
			list = append(list, c)
		case !errors.As(problem, &missing):
			err = errors.Join(err, problem)
		}
	}
	return list, err
}
