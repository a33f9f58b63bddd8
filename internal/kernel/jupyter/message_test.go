package jupyter

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
)

// TestMessagesOfStrangersAreRefused takes messages with another key, changed, unsigned, without end, and again; nothing of them is parsed.
func TestMessagesOfStrangersAreRefused(t *testing.T) {
	kernel := signer{key: []byte("key"), seen: &history{set: map[[sha256.Size]byte]bool{}}}
	owner, stranger := signer{key: []byte("key")}, signer{key: []byte("guess")}
	message := func(by signer, code string) [][]byte {
		frames, err := by.encode(&Message{Header: Header{MsgID: code, MsgType: "execute_request"}, Content: []byte(`{"code":"` + code + `"}`)})
		if err != nil {
			t.Fatal(err)
		}
		return append([][]byte{[]byte("identity")}, frames...)
	}
	right := message(owner, "1")
	if m, err := kernel.decode(right); err != nil || m.Header.MsgID != "1" {
		t.Fatal(err)
	}
	changed := message(owner, "2")
	changed[6] = []byte(`{"code":"x"}`)
	unsigned := message(owner, "3")
	unsigned[2] = nil
	nonsense := message(stranger, "4")
	nonsense[3] = bytes.Repeat([]byte("["), 1<<20)
	moved := slices.Clone(right)
	moved[0] = []byte("another identity")
	for name, c := range map[string]struct {
		frames [][]byte
		want   error
	}{
		"another key": {message(stranger, "5"), errSignature}, "changed": {changed, errSignature}, "unsigned": {unsigned, errSignature}, "nonsense": {nonsense, errSignature},
		"again": {right, errRepeated}, "again, by somebody else": {moved, errRepeated}, "no delimiter": {right[2:], errNoDelimiter},
	} {
		if _, err := kernel.decode(c.frames); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := kernel.decode(right[:4]); err == nil {
		t.Error("a message of two frames was taken")
	}
	if _, err := kernel.decode(message(owner, "6")); err != nil {
		t.Error("after all that:", err)
	}
}
