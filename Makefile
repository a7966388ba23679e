.PHONY: demo test
demo:
	./fangxian demo
test:
	./fangxian test
