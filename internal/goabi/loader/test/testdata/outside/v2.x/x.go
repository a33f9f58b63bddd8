// Package dotted has a path with a dot in its last element.
package dotted

import "container/list"

// Text is a variable.
var Text = "dotted"

// A List embeds a type of another package.
type List struct{ *list.List }

// New returns a list.
func New() *List { return &List{list.New()} }

func (l *List) String() string { return Text + "!" }
