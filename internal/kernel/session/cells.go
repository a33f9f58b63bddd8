package session

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
)

// cells are the texts that were given to a session, by the keys that stand for them in
// positions, and when each was run last. It may be used from several goroutines.
type cells struct {
	mu     sync.Mutex
	counts map[string]int
	codes  map[string][]byte
}

func newCells() *cells {
	return &cells{counts: make(map[string]int), codes: make(map[string][]byte)}
}

// put notes that a cell is run with an execution count.
func (c *cells) put(key string, code []byte, count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[key], c.codes[key] = count, code
}

// code returns a cell's text.
func (c *cells) code(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code, ok := c.codes[key]
	return code, ok
}

// name is what the user calls a cell: cell[3].
func (c *cells) name(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.counts[key]; ok {
		return fmt.Sprintf("cell[%d]", n)
	}
	return "cell"
}

// keyOf returns the key of a cell's source.
func keyOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])[:10]
}
