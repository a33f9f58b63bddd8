package goobj

import (
	"bytes"
	"errors"
	"io"
)

// The export data of a compiled package stands in the first member of its archive,
// between these lines.
const (
	exportBegin = "\n$$B\n"
	exportEnd   = "\n$$\n"
)

// ReadExportData reads, from the beginning of an archive, the description of the
// package for those who import it. It reads no more of the archive than that.
func ReadExportData(r io.Reader) ([]byte, error) {
	head := make([]byte, len(archiveMagic)+memberHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	if string(head[:len(archiveMagic)]) != archiveMagic {
		return nil, errors.New("it is no archive")
	}
	name, size, err := readHeader(head[len(archiveMagic):])
	if err != nil {
		return nil, err
	}
	if name != exportData {
		return nil, errors.New("the archive does not begin with export data")
	}
	member, err := io.ReadAll(io.LimitReader(r, int64(size)))
	if err != nil {
		return nil, err
	}
	_, data, begins := bytes.Cut(member, []byte(exportBegin))
	end := bytes.LastIndex(data, []byte(exportEnd))
	if !begins || end < 0 || len(member) != size {
		return nil, errors.New("the export data has another form than that of this Go release, or is cut off")
	}
	return data[:end], nil
}
