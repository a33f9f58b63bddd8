package check

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
)

// Cells are the texts that were given to a session, by the keys that stand for them in
// positions, and when each was run last. It may be used from several goroutines.
type Cells struct {
	mu     sync.Mutex
	counts map[string]int
	codes  map[string][]byte
}

func newCells() *Cells {
	return &Cells{counts: make(map[string]int), codes: make(map[string][]byte)}
}

// Put notes that a cell is run with an execution count.
func (c *Cells) Put(key string, code []byte, count int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[key], c.codes[key] = count, code
}

// Code returns a cell's text.
func (c *Cells) Code(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code, ok := c.codes[key]
	return code, ok
}

// Name is what the user calls a cell: cell[3].
func (c *Cells) Name(key string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.counts[key]; ok {
		return fmt.Sprintf("cell[%d]", n)
	}
	return "cell"
}

// KeyOf returns the key of a cell's source.
func KeyOf(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])[:10]
}
