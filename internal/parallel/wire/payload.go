package wire

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Hash identifies a value by its content, between one controller and its engines.
type Hash [16]byte

// Opening is the payload of an [Open] message: all that an engine needs before
// it can run items of a call.
type Opening struct {
	// Function is the name of the function to run.
	Function string
	// Modules are to be loaded first, in order. Those loaded already are left out.
	Modules []registry.Module
	// Limit is how long an item may run, in nanoseconds; 0 means for ever.
	Limit int64
	// Captures are the values of the variables that a literal captures.
	Captures []Hash
	// Reads are the values of the variables that the function reads, by name.
	Reads map[string]Hash
	// Keeps are the values, on the caller's side, of variables that the function sets here: as long as they
	// are those, what it sets stays.
	Keeps map[string]Hash
	// Values are the encoded values that the engine does not have yet. Their blocks
	// are those of the message, in order.
	Values []Value
	// Drop lists values that the engine need not keep any longer, Ended the calls
	// that are over.
	Drop  []Hash
	Ended []uint64
}

// Value is an encoded value.
type Value struct {
	Hash   Hash
	Data   []byte
	Blocks int
}

// Outcome is the payload of a [Result] where items failed.
type Outcome struct {
	// Failures has an entry for each item that failed.
	Failures []Failure
	// Values are the encoded results of the frame; those of failed items are zero.
	// Their blocks are those of the message.
	Values []byte
}

// Failure says how one item failed.
type Failure struct {
	// Item is the item's index in the call.
	Item int
	// Panic is true for a panic, false for an error that was returned.
	Panic bool
	// Value is the text of the panic's value or of the error.
	Value string
	// Error is the error, or the panic's value where that is one, as codec.EncodeError writes it;
	// nil where that is no more than the text.
	Error []byte
	// Stack is the stack of the panic.
	Stack string
}

// payloads decodes openings and outcomes. They come from an authenticated peer
// and are limited in size by MaxMessage; the limits below keep a count in
// damaged data from being believed.
var payloads = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		MaxArrayElements: 1 << 24, MaxMapPairs: 1 << 20, MaxNestedLevels: 8,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	}.DecMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	return mode
}()

// EncodePayload encodes an Opening or an Outcome.
func EncodePayload(v any) ([]byte, error) { return cbor.Marshal(v) }

// DecodePayload decodes an Opening or an Outcome.
func DecodePayload(data []byte, v any) error {
	if err := payloads.Unmarshal(data, v); err != nil {
		return fmt.Errorf("malformed payload: %w", err)
	}
	return nil
}
