package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ProtocolVersion is the version of the messaging protocol that every header
// announces.
const ProtocolVersion = "5.4"

// Header identifies a message. Fields that it does not name survive in
// Message.RawHeader.
type Header struct {
	MsgID    string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"` // RFC 3339 with a time zone
	MsgType  string `json:"msg_type"`
	Version  string `json:"version"`
}

// Message is one message, received or to be sent.
type Message struct {
	// Identities route a message on a ROUTER channel: the peer first.
	Identities [][]byte
	Header     Header
	// RawHeader is the header as received, which a reply carries back whole as
	// its parent.
	RawHeader json.RawMessage
	// Parent is the raw header of the message that caused this one, or empty.
	Parent   json.RawMessage
	Metadata json.RawMessage
	// Content is the raw JSON of a received message.
	Content json.RawMessage
	Buffers [][]byte
	// Arrived is when the message was read from its connection.
	Arrived time.Time
}

// ParentID returns the msg_id of the parent header, or "".
func (m *Message) ParentID() string {
	var h Header
	if json.Unmarshal(m.Parent, &h) != nil {
		return ""
	}
	return h.MsgID
}

var (
	delimiter   = []byte("<IDS|MSG>")
	emptyObject = json.RawMessage("{}")

	errNoDelimiter = errors.New("no <IDS|MSG> frame")
	errSignature   = errors.New("wrong signature")
	errRepeated    = errors.New("this signature was used before: the message is sent again by somebody")
)

// decode checks the signature of a multipart message and parses its header.
// Nothing is parsed before the signature is known to be right and new.
func (s signer) decode(frames [][]byte) (*Message, error) {
	at := -1
	for i, f := range frames {
		if bytes.Equal(f, delimiter) {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, errNoDelimiter
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("%d frames after <IDS|MSG>, want at least 5", len(rest))
	}
	parts := rest[1:5]
	if !s.verify(rest[0], parts) {
		return nil, errSignature
	}
	if len(s.key) > 0 && s.seen != nil && !s.seen.isNew(rest[0]) {
		return nil, errRepeated
	}
	m := &Message{Identities: frames[:at], Buffers: rest[5:], Arrived: time.Now()}
	for i, field := range []*json.RawMessage{&m.RawHeader, &m.Parent, &m.Metadata, &m.Content} {
		if !json.Valid(parts[i]) {
			return nil, fmt.Errorf("frame %d after the signature is not JSON", i+1)
		}
		*field = parts[i]
	}
	if err := json.Unmarshal(m.RawHeader, &m.Header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if m.Header.MsgType == "" {
		return nil, errors.New("header without msg_type")
	}
	return m, nil
}

// encode returns the frames that follow the routing prefix: delimiter,
// signature, header, parent header, metadata, content, buffers.
func (s signer) encode(m *Message) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, fmt.Errorf("header of %s: %w", m.Header.MsgType, err)
	}
	parts := [][]byte{header, orEmpty(m.Parent), orEmpty(m.Metadata), orEmpty(m.Content)}
	frames := append([][]byte{delimiter, s.sign(parts)}, parts...)
	return append(frames, m.Buffers...), nil
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return emptyObject
	}
	return raw
}
