autocmd BufNewFile,BufRead *.rule setfiletype dangol
