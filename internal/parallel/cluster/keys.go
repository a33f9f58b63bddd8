package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A client may have a key of its own, in a file like that of the cluster, by which it connects. So it can be told apart, and its key
// be taken back without those of others.

// Key is the key of a client, as people see it.
type Key struct {
	Client string
	// Path is its file: what the client gives to parallel.Connect.
	Path string
	// Connected is how many connections there are by it.
	Connected int
}

// keyFolder returns the folder of the clients' keys in that of a cluster, which is made if it is not there.
func keyFolder(folder string) (string, error) {
	keys := filepath.Join(folder, "keys")
	if err := os.Mkdir(keys, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("the cluster has no folder for keys: %w", err)
	}
	return keys, nil
}

// base is the name of the file that this is written to.
func (c *Connection) base() string {
	if c.Client == "" {
		return file
	}
	return c.Client + ".json"
}

// KeyPath returns the file of a client's key.
func KeyPath(name, client string) (string, error) {
	if !names.MatchString(client) {
		return "", fmt.Errorf("%q is no name for a client: at most 40 letters, digits, dots, dashes and underscores, of which the first is a letter or a digit", client)
	}
	folder, err := Folder(name)
	return filepath.Join(folder, "keys", client+".json"), err
}

// Keys reads the keys of a cluster's clients, by name.
func Keys(name string) (list []*Connection, err error) {
	folder, err := Folder(name)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(folder, "keys"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, entry := range entries {
		client, isKey := strings.CutSuffix(entry.Name(), ".json")
		if !isKey {
			continue // what was being written when the controller ended
		}
		c, problem := read(filepath.Join(folder, "keys", entry.Name()))
		if problem == nil && (c.Client != client || c.Name != name) {
			problem = fmt.Errorf("the key of %s is that of %s for the cluster %q", client, c.Client, c.Name)
		}
		if problem != nil {
			err = errors.Join(err, problem)
			continue
		}
		list = append(list, c)
	}
	return list, err
}
