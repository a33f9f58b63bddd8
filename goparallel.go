// Package goparallel holds the source of this module, so that the one binary
// can compile notebook cells against it on a machine that has no copy of the
// repository.
//
// Programs import github.com/goparallel/goparallel/parallel; notebooks use the
// kernel that the goparallel command installs.
package goparallel

import "embed"

// Source is the part of the module that cells and the host process are
// compiled from.
//
//go:embed go.mod go.sum internal/goabi internal/kernel/cell internal/kernel/command kernel/comms kernel/display kernel/gophernotes/display internal/kernel/host internal/kernel/live kernel/widgets internal/parallel parallel plots
var Source embed.FS

// Module is the part of the module that the extended gophernotes is built from, tests included.
//
//go:embed goparallel.go go.mod go.sum internal kernel parallel plots
var Module embed.FS
