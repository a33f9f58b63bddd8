package jupyter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// signer computes the signature frame: HMAC-SHA256, in hexadecimal, over the
// four JSON frames of a message. Without a key the signature is empty and none
// is asked for, as the protocol has it.
type signer struct {
	key  []byte
	seen *history // of what was received; nil where nothing is
}

func (s signer) sign(frames [][]byte) []byte {
	if len(s.key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, s.key)
	for _, f := range frames {
		mac.Write(f)
	}
	return hex.AppendEncode(nil, mac.Sum(nil))
}

// verify compares in constant time.
func (s signer) verify(signature []byte, frames [][]byte) bool {
	return len(s.key) == 0 || hmac.Equal(signature, s.sign(frames))
}

// remembered is how many signatures a kernel remembers, as Jupyter's own session
// does.
const remembered = 1 << 16

// history holds the signatures of the latest messages: who has recorded a message
// can send it again with its signature, and a cell would run twice. Its methods
// may be called from several goroutines.
type history struct {
	mu   sync.Mutex
	set  map[[sha256.Size]byte]bool
	list [][sha256.Size]byte // in the order in which they came, the oldest at next once it is full
	next int
}

// isNew reports whether a signature, which is known to be right, comes for the first
// time.
func (h *history) isNew(signature []byte) bool {
	var sum [sha256.Size]byte
	hex.Decode(sum[:], signature)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.set[sum] {
		return false
	}
	if len(h.list) < remembered {
		h.list = append(h.list, sum)
	} else {
		delete(h.set, h.list[h.next])
		h.list[h.next] = sum
		h.next = (h.next + 1) % remembered
	}
	h.set[sum] = true
	return true
}
