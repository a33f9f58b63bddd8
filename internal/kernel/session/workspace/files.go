package workspace

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gofrs/flock"
)

// LinkOrCopy makes the file at to the same as that at from, unless there is one.
func LinkOrCopy(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if os.Link(from, to) == nil {
		return nil
	}
	data, err := os.ReadFile(from) // on another file system
	if err != nil {
		return err
	}
	return WriteFileAtomic(to, data)
}

// WriteFileAtomic makes the file appear whole or not at all.
func WriteFileAtomic(path string, data []byte) error {
	tmp := path + ".new"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// lockEvery is how often it is looked whether a lock is free.
const lockEvery = 50 * time.Millisecond

// lockFile waits for an exclusive lock on the file at path, which it makes.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	lock := flock.New(path)
	if _, err := lock.TryLockContext(ctx, lockEvery); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("wait for another process that prepares the workspace: %w", ctx.Err())
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { lock.Close() }, nil
}
