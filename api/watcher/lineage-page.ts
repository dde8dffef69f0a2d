/** A page that needs nothing from elsewhere: pick an address, and see what flows into it and out of it. */
export const LINEAGE_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lineage</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
  input { font: inherit; padding: .4rem; width: 100%; box-sizing: border-box; }
  table { border-collapse: collapse; width: 100%; }
  td, th { border-bottom: 1px solid #ddd; padding: .3rem .5rem; text-align: left; vertical-align: top; }
  button { background: none; border: 0; color: #06c; cursor: pointer; font: inherit; padding: 0; text-align: left; }
  .here { font-weight: bold; }
</style>
<h1>Lineage</h1>
<input id="sought" list="names" placeholder="An address" autofocus>
<datalist id="names"></datalist>
<p id="said">Loading…</p>
<table hidden><thead><tr><th>From<th>Pipeline<th>To</thead><tbody></tbody></table>
<script>
const [sought, names, said, table] = ['#sought', '#names', '#said', 'table'].map((each) => document.querySelector(each));
const rows = table.querySelector('tbody');
let addresses = [];
const ask = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error('The API answered ' + response.status);
  return response.json();
};
const cell = (row, child) => row.insertCell().append(child);
function link({ id, name }, here) {
  const button = document.createElement('button');
  button.textContent = name;
  button.className = id === here ? 'here' : '';
  button.onclick = () => { location.hash = id; };
  return button;
}
async function show() {
  const here = Number(location.hash.slice(1));
  const address = addresses.find(({ id }) => id === here);
  table.hidden = true;
  if (!address) { said.textContent = addresses.length + ' addresses'; return; }
  sought.value = address.name;
  const { nodes, edges } = await ask('/lineage-graph/?source_address_id=' + here);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  rows.replaceChildren();
  for (const edge of edges) {
    const row = rows.insertRow();
    cell(row, link(byId.get(edge.source_address_id), here));
    cell(row, (edge.pipeline_name ?? '') + (edge.pipeline_active === false ? ' (inactive)' : ''));
    cell(row, link(byId.get(edge.target_address_id), here));
  }
  said.textContent = edges.length === 0 ? 'Nothing is known to flow here' : '';
  table.hidden = edges.length === 0;
}
const tried = (work) => work().catch((error) => { said.textContent = error.message; });
sought.onchange = () => {
  const address = addresses.find(({ name }) => name === sought.value);
  if (address) location.hash = address.id;
};
window.onhashchange = () => tried(show);
tried(async () => {
  addresses = await ask('/lineage-graph/addresses');
  names.replaceChildren(...addresses.map(({ name }) => Object.assign(document.createElement('option'), { value: name })));
  await show();
});
</script>
`;
