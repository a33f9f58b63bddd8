package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// errNotOwner is for clients with a key of their own, which give none to others and end nothing of others.
var errNotOwner = errors.New("that needs the key of the cluster itself; a client's key does not give, list or revoke keys, and does not stop the cluster")

// admit lets those with a key connect, and then writes it down: who reads it at once is let in. The daemon is locked.
func (d *Daemon) admit(connection cluster.Connection) error {
	stop := d.listener.Admit(connection.Key, cluster.Protocol, func(link *wire.Link) { d.serve(link, connection.Client) })
	if err := connection.Write(); err != nil {
		stop()
		return err
	}
	d.keys[connection.Client] = stop
	return nil
}

// restoreKeys lets the clients connect that had keys of the cluster when it ran before.
func (d *Daemon) restoreKeys() error {
	keys, err := cluster.Keys(d.connection.Name)
	for _, k := range keys {
		connection := d.connection
		connection.Client, connection.Key = k.Client, k.Key
		err = errors.Join(err, d.admit(connection))
	}
	return err
}

// addKey makes a key for a client.
func (d *Daemon) addKey(client string) ([]cluster.Key, error) {
	path, err := cluster.KeyPath(d.connection.Name, client)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys[client] != nil {
		return nil, fmt.Errorf("%s has a key already, %s; revoke it first", client, path)
	}
	connection := d.connection
	connection.Client, connection.Key = client, wire.NewSecret()
	if err := d.admit(connection); err != nil {
		return nil, err
	}
	return []cluster.Key{{Client: client, Path: path}}, nil
}

// revoke takes a client's key back and hangs up on who has connected by it. Calls that are running go on.
func (d *Daemon) revoke(client string) error {
	path, err := cluster.KeyPath(d.connection.Name, client)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	stop := d.keys[client]
	if stop == nil {
		return fmt.Errorf("the cluster has given no key to %s", client)
	}
	stop()
	delete(d.keys, client)
	for c := range d.clients {
		if c.key == client {
			c.link.Close()
		}
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the key of %s is refused from now on, but not when the cluster is started again, unless its file is removed: %w", client, err)
	}
	return nil
}

// listKeys lists the keys of clients.
func (d *Daemon) listKeys() (list []cluster.Key, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, client := range slices.Sorted(maps.Keys(d.keys)) {
		if client == "" {
			continue
		}
		k := cluster.Key{Client: client}
		if k.Path, err = cluster.KeyPath(d.connection.Name, client); err != nil {
			return nil, err
		}
		for c := range d.clients {
			if c.key == client {
				k.Connected++
			}
		}
		list = append(list, k)
	}
	return list, nil
}
