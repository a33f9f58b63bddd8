package display

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// maxJSON bounds the JSON text of one representation.
const maxJSON = 64 << 20

// encoded reports whether nothing but text is to travel.
func (d *drawing) encoded() bool {
	for mime, value := range d.data {
		if _, ok := value.(string); !ok || isJSON(mime) {
			return false
		}
	}
	return len(d.metadata) == 0
}

// encode turns every representation into what travels as JSON without change: bytes
// into base64 text, JSON given as bytes or text into JSON, other values into JSON,
// and text and XML given as bytes into text.
func (d *drawing) encode() {
	for mime, value := range d.data {
		switch v := value.(type) {
		case string:
			if isJSON(mime) && json.Valid([]byte(v)) {
				d.data[mime] = json.RawMessage(v)
			}
		case json.RawMessage:
			d.raw(mime, v)
		case []byte:
			switch {
			case isJSON(mime):
				d.raw(mime, v)
			case strings.HasPrefix(mime, "text/"), strings.HasSuffix(mime, "+xml"), mime == "application/javascript":
				d.data[mime] = string(v)
			default:
				d.data[mime] = base64.StdEncoding.EncodeToString(v)
			}
		default:
			d.noteRunning(mime)
			raw, err := marshal(v)
			if err != nil {
				d.drop(mime, err)
				continue
			}
			d.data[mime] = raw
		}
	}
	d.metadata = maps.Clone(d.metadata) // which may be the user's
	for key, value := range d.metadata {
		switch value.(type) {
		case string, bool, int, float64:
			continue
		}
		d.noteRunning("the metadata " + key)
		raw, err := marshal(value)
		if err != nil {
			delete(d.metadata, key)
			d.problem = fmt.Sprintf("the metadata %s cannot be sent: %v", key, err)
			continue
		}
		d.metadata[key] = raw
	}
}

// raw takes a text that has to be JSON.
func (d *drawing) raw(mime string, text []byte) {
	if !json.Valid(text) {
		d.drop(mime, errors.New("its bytes are no JSON text"))
		return
	}
	d.data[mime] = json.RawMessage(text)
}

// drop leaves a representation out.
func (d *drawing) drop(mime string, why error) {
	delete(d.data, mime)
	d.data["text/plain"] = fmt.Sprintf("%s cannot be shown: %v", mime, why)
}

// isJSON reports whether a representation of this type is a JSON value and no text.
func isJSON(mime string) bool {
	mime, _, _ = strings.Cut(mime, ";")
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

// marshal is json.Marshal, but gives up where the text is too long.
func marshal(v any) (json.RawMessage, error) {
	var text limited
	if err := jsonv2.MarshalWrite(&text, v, json.DefaultOptionsV1()); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// limited is a buffer that takes so much JSON and no more.
type limited struct{ bytes.Buffer }

func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > maxJSON {
		return 0, fmt.Errorf("its JSON has more than %d MB", maxJSON>>20)
	}
	return l.Buffer.Write(b)
}
