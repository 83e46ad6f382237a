module rehearse.invalid/node

go 1.24
