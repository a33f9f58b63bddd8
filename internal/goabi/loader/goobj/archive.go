package goobj

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// An Archive is a compiled package.
type Archive struct {
	// Objects are the compiler's object and those of the assembler.
	Objects []*Object
	// Foreign are the members that are no Go objects, such as those of a C compiler.
	Foreign []Member
	// Directives are what cgo tells the linker: a word and its arguments.
	Directives [][]string
}

// A Member is a file in an archive.
type Member struct {
	Name string
	Data []byte
}

const (
	archiveMagic = "!<arch>\n"
	memberHeader = 60
	exportData   = "__.PKGDEF"
)

// ReadArchive reads an archive. The archive keeps data.
func ReadArchive(data []byte) (*Archive, error) {
	if !bytes.HasPrefix(data, []byte(archiveMagic)) {
		return nil, fmt.Errorf("it is no archive")
	}
	a := &Archive{}
	for at := len(archiveMagic); at < len(data); {
		if len(data)-at < memberHeader {
			return nil, fmt.Errorf("the archive is cut off at %d of %d", at, len(data))
		}
		name, size, err := readHeader(data[at : at+memberHeader])
		if err != nil {
			return nil, err
		}
		at += memberHeader
		if size > len(data)-at {
			return nil, fmt.Errorf("the archive's member %q is cut off", name)
		}
		if err := a.add(name, data[at:at+size]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at += size + size%2
	}
	return a, nil
}

// readHeader reads what stands before a member: its name and its size.
func readHeader(header []byte) (name string, size int, err error) {
	name = strings.TrimRight(string(header[:16]), " /")
	size, err = strconv.Atoi(strings.TrimSpace(string(header[48:58])))
	if err != nil || size < 0 {
		return "", 0, fmt.Errorf("the archive's member %q has no size", name)
	}
	return name, size, nil
}

// add takes a member. Before a Go object stands a line that names the release,
// and perhaps others, which an exclamation mark ends.
func (a *Archive) add(name string, member []byte) error {
	switch {
	case name == exportData:
	case bytes.HasPrefix(member, []byte("go object ")):
		head, object, ok := bytes.Cut(member, []byte("\n!\n"))
		if !ok {
			return fmt.Errorf("the object has another form than that of this Go release")
		}
		if err := a.direct(head); err != nil {
			return err
		}
		o, err := newObject(object)
		if err != nil {
			return err
		}
		a.Objects = append(a.Objects, o)
	default:
		a.Foreign = append(a.Foreign, Member{name, member})
	}
	return nil
}

// direct takes cgo's directives, a line of JSON before the object.
func (a *Archive) direct(head []byte) error {
	_, text, ok := bytes.Cut(head, []byte("\n$$  // cgo\n"))
	if !ok {
		return nil
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	if err := json.Unmarshal(text, &a.Directives); err != nil {
		return fmt.Errorf("what cgo tells the linker: %w", err)
	}
	return nil
}
