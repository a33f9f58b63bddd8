package values

import "github.com/goparallel/goparallel/internal/parallel/codec"

// Pulled has a value for each target, of type "" where there is none.
type Pulled []codec.Encoded

// Decode sets the variable at a pointer to the value of target i.
func (p Pulled) Decode(i int, pointer any) error {
	if p[i].Type == "" {
		return nil
	}
	return p[i].Decode(pointer)
}

// Join sets the slice at a pointer to all slices, one after the other.
func (p Pulled) Join(pointer any) error {
	var parts []*codec.Encoded
	for i := range p {
		if p[i].Type != "" {
			parts = append(parts, &p[i])
		}
	}
	return codec.Join(parts, pointer)
}
