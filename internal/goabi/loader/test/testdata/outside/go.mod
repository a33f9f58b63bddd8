module example.com/outside

go 1.27.0
