/**
 * A picture of RGBA bytes as size x size pixels of three colours 0..255, on white, each the mean of the area that it covers.
 * It is kept whole: a picture that is no square gets white margins.
 */
export function shrinkPicture(rgba, width, height, size) {
  const side = Math.max(width, height) / size; // of the square in the picture that one pixel covers
  const left = (size * side - width) / 2, top = (size * side - height) / 2;
  const pixels = new Uint8ClampedArray(size * size * 3);
  for (let row = 0; row < size; row += 1) {
    const [firstRow, endRow] = [row * side - top, (row + 1) * side - top];
    for (let column = 0; column < size; column += 1) {
      const [first, end] = [column * side - left, (column + 1) * side - left];
      const sum = [0, 0, 0];
      for (let y = Math.max(0, Math.floor(firstRow)); y < Math.min(height, endRow); y += 1) {
        const high = Math.min(y + 1, endRow) - Math.max(y, firstRow);
        for (let x = Math.max(0, Math.floor(first)); x < Math.min(width, end); x += 1) {
          const area = high * (Math.min(x + 1, end) - Math.max(x, first)), at = 4 * (y * width + x), ink = rgba[at + 3] / 255;
          for (let colour = 0; colour < 3; colour += 1) sum[colour] += area * ink * (255 - rgba[at + colour]);
        }
      }
      for (let colour = 0; colour < 3; colour += 1) pixels[3 * (row * size + column) + colour] = 255 - sum[colour] / (side * side);
    }
  }
  return pixels;
}
