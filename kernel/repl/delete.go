package repl

func (k kernelFor) Delete(names []string) (notes []string, err error) {
	return k.r.session.Delete(names)
}
