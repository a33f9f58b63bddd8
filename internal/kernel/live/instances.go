package live

import "sync"

// instances has functions: the newest instances of the generic functions that have had several
// versions.
var instances sync.Map

// instance is what an instance is known by.
type instance struct {
	family string // that of the generic function
	args   any    // a nil pointer to a function whose parameters are the type arguments
}

// SetInstance makes a function the newest instance of a generic function: of those versions that go
// by a name, with type arguments that are the parameters of the function to which args points.
func SetInstance(family string, args, function any) {
	instances.Store(instance{family, args}, function)
}

// Instance returns the newest instance of a generic function, nil if none was set.
func Instance(family string, args any) any {
	f, _ := instances.Load(instance{family, args})
	return f
}
