package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// ZMTP frames are written and read here and not by zmq4, which does the handshake.
// Their form is the same: zmq4 needs seven allocations for each message, and clears
// memory that is then read into.

// writeMessage writes the frames of a message.
func (c *conn) writeMessage(frames [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, body := range frames {
		if len(c.w)+maxHeader > cap(c.w) {
			if err := c.flush(); err != nil {
				return err
			}
		}
		var more byte
		if i < len(frames)-1 {
			more = moreFrames
		}
		if len(body) < 256 {
			c.w = append(c.w, more, byte(len(body)))
		} else {
			c.w = binary.BigEndian.AppendUint64(append(c.w, more|longSize), uint64(len(body)))
		}
		if err := c.put(body); err != nil {
			return err
		}
	}
	return nil
}

// readMessage reads the frames of a message: the first one into the memory given,
// the others into memory of their own. No memory is allocated for what is above the
// limit.
func (c *conn) readMessage(first []byte, frames [][]byte) ([][]byte, error) {
	total := uint64(0)
	for more := true; more; {
		flags, err := c.r.ReadByte()
		if err != nil {
			return nil, err
		}
		if flags&^(moreFrames|longSize) != 0 {
			return nil, errors.New("the peer sent a command, which has no place here")
		}
		more = flags&moreFrames != 0
		header := 1
		if flags&longSize != 0 {
			header = 8
		}
		b, err := c.r.Peek(header)
		if err != nil {
			return nil, err
		}
		size := uint64(b[0])
		if header == 8 {
			size = binary.BigEndian.Uint64(b)
		}
		c.r.Discard(header)
		// Each frame counts for more than its body: a message of countless empty
		// frames needs memory as well.
		if size > MaxMessage || total+size > MaxMessage {
			return nil, fmt.Errorf("the peer announced a message of more than %d bytes", MaxMessage)
		}
		total += size + 64
		var body []byte
		switch {
		case len(frames) == 0 && size <= uint64(len(first)):
			body = first[:size]
		case size >= memory.Large:
			body = memory.Fresh(int(size))
		default:
			body = make([]byte, size)
		}
		if _, err := io.ReadFull(c.r, body); err != nil {
			return nil, err
		}
		frames = append(frames, body)
	}
	return frames, nil
}
