// Package native opens shared objects: the code in C of packages that cells use.
package native

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// open returns what went wrong, or NULL and the object. Its symbols are there for
// later objects, of packages that import this one's.
static const char* open_object(const char* path, uintptr_t* handle) {
	*handle = (uintptr_t)dlopen(path, RTLD_NOW|RTLD_GLOBAL);
	return *handle != 0 ? NULL : dlerror();
}

static uintptr_t find_symbol(uintptr_t handle, const char* name) {
	return (uintptr_t)dlsym((void*)handle, name);
}
*/
import "C"

import (
	"errors"
	_ "net"     // the standard library's code in C is the host's: only modules' is linked for cells
	_ "os/user" // the same
	_ "plugin"  // makes the linker keep, name and export what loaded code may use
	"runtime"
	"unsafe"
)

// Open loads a shared object, which stays in the process, and returns what finds
// its symbols: 0 where there is none of a name. It may be called by any goroutine.
func Open(file string) (symbol func(name string) uintptr, err error) {
	runtime.LockOSThread() // the text of an error is the thread's
	defer runtime.UnlockOSThread()
	path := C.CString(file)
	defer C.free(unsafe.Pointer(path))
	var handle C.uintptr_t
	if failed := C.open_object(path, &handle); failed != nil {
		return nil, errors.New(C.GoString(failed))
	}
	return func(name string) uintptr {
		text := C.CString(name)
		defer C.free(unsafe.Pointer(text))
		return uintptr(C.find_symbol(handle, text))
	}, nil
}
