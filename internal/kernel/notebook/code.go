package notebook

// Code returns the texts of a notebook's code cells, in order.
func Code(path string) ([]string, error) {
	d, err := read(path)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, c := range d.cells {
		if c["cell_type"] == "code" {
			list = append(list, source(c))
		}
	}
	return list, nil
}
