package registry

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/funcvalue"
)

// A compiled program gives names to function values: closures, method values and
// instances of generic functions too, of which many share one piece of code. What
// tells them apart is the object behind the value, which holds the address of the
// code and what the function captures. The compiler never writes to it after it was
// made, and the table below keeps it alive, so another value can only have its
// address by being the same function. A function that captures nothing has one such
// object in the program.
//
// The type belongs to the identity because instances of a generic function that
// differ in nothing the machine sees can share the object as well.
type identity struct {
	object unsafe.Pointer
	t      reflect.Type
}

// identify returns the identity of a function value.
func identify(fn any) identity {
	t := reflect.TypeOf(fn)
	if t.Name() != "" { // of a named type: the view is given the same function as a value of the plain one
		in, out := make([]reflect.Type, t.NumIn()), make([]reflect.Type, t.NumOut())
		for i := range in {
			in[i] = t.In(i)
		}
		for i := range out {
			out[i] = t.Out(i)
		}
		t = reflect.FuncOf(in, out, t.IsVariadic())
	}
	return identity{funcvalue.Object(fn), t}
}

// Value registers one function value of a program under a name, both of which must
// be free. Engines know the value that their own process registered under the name.
// The function of a notebook cell is known with its module already, and stays so.
func Value(name string, fn any, run Runner) error {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return fmt.Errorf("%T(nil) is no function that could run", fn)
	}
	tables.Lock()
	defer tables.Unlock()
	if f := tables.byCode[v.Pointer()]; f != nil && f.Module != "" {
		return nil
	}
	if tables.byName[name] != nil {
		return fmt.Errorf("the name is taken by another registration; each function needs a name of its own: parallel.Func(name, f)")
	}
	id := identify(fn)
	if f := tables.byValue[id]; f != nil {
		return fmt.Errorf("the function is registered already, as %q; use what that registration returned", f.Name)
	}
	f := &Function{Info: Info{Name: name}, Runner: run}
	tables.byName[name] = f
	tables.byValue[id] = f
	return nil
}

// lookup returns what a function value was registered as, or nil.
func lookup(fn any) *Function {
	tables.RLock()
	defer tables.RUnlock()
	if f := tables.byValue[identify(fn)]; f != nil {
		return f
	}
	return tables.byCode[reflect.ValueOf(fn).Pointer()]
}

// resembles says which registered value shares the code of one that is not
// registered, and what differs; "" where none does.
func resembles(fn any) string {
	id, code := identify(fn), reflect.ValueOf(fn).Pointer()
	tables.RLock()
	defer tables.RUnlock()
	reason := ""
	for other, f := range tables.byValue {
		switch {
		case other.object == id.object:
			return fmt.Sprintf("it is registered as %q for the type %v, not for %v; register each instance of a generic function under a name of its own, with parallel.Func", f.Name, other.t, id.t)
		case funcvalue.Code(unsafe.Pointer(&other.object)) == code && (reason == "" || f.Name < reason):
			reason = f.Name
		}
	}
	if reason == "" {
		return ""
	}
	return fmt.Sprintf("it is another value than the one registered as %q, though both come from the same place in the source: "+
		"what they captured may differ, and engines know the registered one only; give the view the value that parallel.Func returned, or register this one too", reason)
}

// NameFor returns the name of a function that is its own in the whole program and
// the same in each of its processes. It is an error where there is none.
func NameFor(fn any) (string, error) {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return "", fmt.Errorf("%T(nil) is no function that could run", fn)
	}
	f := runtime.FuncForPC(v.Pointer())
	if f == nil {
		return "", fmt.Errorf("the function has no name; give it one: parallel.Func(name, f)")
	}
	name := f.Name()
	if method, ok := funcvalue.Method(name); ok {
		return "", fmt.Errorf("%s is a method value, and those of all receivers have one name; give it one: parallel.Func(name, receiver.method)", method)
	}
	switch {
	case funcvalue.Generic(name):
		return "", fmt.Errorf("%s is generic, and all instances have one name; give it one: parallel.Func(name, f[T])", name)
	case funcvalue.Made(name):
		return "", fmt.Errorf("the function was made by reflection, and all such have one name; give it one: parallel.Func(name, f)")
	}
	return name, nil
}
