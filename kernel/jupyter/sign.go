package jupyter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// signer computes the signature frame: HMAC-SHA256, in hexadecimal, over the
// four JSON frames of a message. Without a key the signature is empty and none
// is asked for, as the protocol has it.
type signer struct{ key []byte }

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
